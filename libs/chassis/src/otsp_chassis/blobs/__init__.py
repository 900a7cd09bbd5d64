"""Where bytes lie, by key: a folder, or a bucket of an object store that speaks S3."""

from otsp_chassis.blobs.opening import open_store
from otsp_chassis.blobs.store import Blob, BlobStore, StoreUnavailable, probe

__all__ = ["Blob", "BlobStore", "StoreUnavailable", "open_store", "probe"]
