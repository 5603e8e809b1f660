"""What is kept, and for how long: backups, retention, exports, the journal of erasures."""
