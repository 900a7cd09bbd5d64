"""Where and through what is taught: sites and systems."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from otsp_chassis.search import search_index
from otsp_courses.model.schema import Base, Owned, listed_by, one_of
from otsp_courses.rules.rows import Room


class Site(Owned, Base):
    """办学点. Fire proof and lease have their one place here (D24)."""

    __tablename__ = "site"
    __table_args__ = (
        one_of("status", ["open", "closed"]),
        listed_by("site", "site_id"),
        search_index("site"),
    )
    FOUND_BY = ("name", "address")

    site_id: Mapped[UUID] = mapped_column(primary_key=True)
    status: Mapped[str]
    name: Mapped[str | None]
    region_code: Mapped[str | None]
    address: Mapped[str | None]
    lat_e6: Mapped[int | None]
    lng_e6: Mapped[int | None]
    building_area_centi_m2: Mapped[int | None]
    teaching_area_centi_m2: Mapped[int | None]
    rooms: Mapped[list[Room]] = mapped_column(JSONB)
    floor: Mapped[int | None] = mapped_column(SmallInteger)
    total_floors: Mapped[int | None] = mapped_column(SmallInteger)
    premises_type: Mapped[str | None]
    tenure: Mapped[str | None]
    lease_from: Mapped[date | None]
    lease_to: Mapped[date | None]
    fire_proof_file_id: Mapped[UUID | None]
    fire_cert_no: Mapped[str | None]
    fire_responsible: Mapped[str | None]
    fire_check_on: Mapped[date | None]
    video_surveillance: Mapped[bool | None]
    contact_name: Mapped[str | None]
    contact_tel: Mapped[str | None]
    on_licence: Mapped[bool | None]


class System(Owned, Base):
    """业务系统."""

    __tablename__ = "system"
    __table_args__ = (listed_by("system", "system_id"), search_index("system"))

    system_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    kind: Mapped[str | None]
    url: Mapped[str | None]
    app_package: Mapped[str | None]
    app_filing_no: Mapped[str | None]
    icp_no: Mapped[str | None]
    icp_shot_file_id: Mapped[UUID | None]
    vat_licence_no: Mapped[str | None]
    vat_shot_file_id: Mapped[UUID | None]
    psb_no: Mapped[str | None]
    mlps_level: Mapped[int | None] = mapped_column(SmallInteger)
    mlps_no: Mapped[str | None]
    mlps_tested_on: Mapped[date | None]
    mlps_report_file_id: Mapped[UUID | None]
    server_location: Mapped[str | None]
    server_in_mainland: Mapped[bool | None]
    content_retention_days: Mapped[int | None]
    live_video_retention_days: Mapped[int | None]
    log_retention_days: Mapped[int | None]
    eye_protection: Mapped[bool | None]
    parental_control: Mapped[bool | None]
    stored_persons: Mapped[int | None] = mapped_column(BigInteger)
    pia_done: Mapped[bool | None]
    pia_file_id: Mapped[UUID | None]
    guardian_consent: Mapped[bool | None]
    ads_or_games: Mapped[bool | None]
    complaint_url: Mapped[str | None]
    service_agreement_file_id: Mapped[UUID | None]
    security_officer: Mapped[str | None]
