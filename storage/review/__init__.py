"""What a person who runs the archive has to know: health, anomalies, status."""
