"""Download and load, embed, cluster and export: what SQL cannot do."""
