"""What commenters and readers ask of a decision: appeals, notices, statements of reasons."""
