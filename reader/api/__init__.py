"""The archive for programs: JSON under /api/, described by /api/openapi.json (docs/api.md)."""
