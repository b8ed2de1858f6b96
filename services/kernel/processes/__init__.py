"""Worker processes of a service: kept alive by their parent, and gone when it is gone."""
