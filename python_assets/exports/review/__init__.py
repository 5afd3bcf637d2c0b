"""The page on which a person judges the clusters of one run."""
