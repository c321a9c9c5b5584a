"""What runs the stages: the command line today."""
