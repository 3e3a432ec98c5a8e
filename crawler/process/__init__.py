"""What a process that crawls needs: a heartbeat, a log, a stop that is kept."""
