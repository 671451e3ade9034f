"""`alma propose`, `review`, `apply`, `verify`, `repropose`, `proposals`: reviewed refactors."""
