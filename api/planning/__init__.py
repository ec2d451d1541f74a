"""What will be played, before it is: plans, estimates, the providers asked first."""
