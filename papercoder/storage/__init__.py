"""What survives a process: checkpoints, bodies, the journal and the manifests, in one database."""
