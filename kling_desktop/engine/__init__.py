"""What happens when: the queue and the life of each job."""
