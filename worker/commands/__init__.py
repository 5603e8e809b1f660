"""The worker's commands; `moderation` finds them through its entry-point group."""
