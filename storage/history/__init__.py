"""Articles: their readings, identity, versions, edits and presence."""
