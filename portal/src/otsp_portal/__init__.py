"""The Chinese web site: server-rendered pages over the gateway's API, and nothing else."""
