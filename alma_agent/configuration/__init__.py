"""What alma was told beforehand: by `ALMA_*` variables, the project's file, the user's file."""
