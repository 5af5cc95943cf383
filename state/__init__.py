"""What the pipeline knows: the paper, the artifacts made from it, and the settings of a run."""
