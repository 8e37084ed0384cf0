"""Results as tables: named columns with types and units, for every way in which they are written."""
