"""How far does a perpetual stand from its spot, how long, and what brings it back? Statistics on premiums of closing prices."""
