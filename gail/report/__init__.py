"""What a run tells: its figures while it goes on, evaluations and their diagnosis, videos, the summary."""
