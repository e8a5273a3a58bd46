"""What carries calls: SIP, media, the life of a call, and the processes that move the bytes."""
