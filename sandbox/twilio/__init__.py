"""A stand-in for Twilio: text messages sent through its API, and a page that plays the phone."""
