"""`--talk`: a call of our own phone on the computer's microphone and loudspeaker, with its keys on the keyboard."""
