"""What a session is turned into: one format a module, its `export(material, out)` streaming."""
