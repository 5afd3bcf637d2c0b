"""Dagster's view of the warehouse: assets, jobs and settings. No algorithm lives here."""
