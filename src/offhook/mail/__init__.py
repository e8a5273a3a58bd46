"""E-mail to customers, through the operator's own server (SMTP, RFC 5321)."""
