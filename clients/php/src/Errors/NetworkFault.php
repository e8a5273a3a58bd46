<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** Why no answer came. */
enum NetworkFault: string
{
    case HostNotFound = 'host-not-found';
    case Refused = 'connection-refused';
    case TimedOut = 'timed-out';
    case Tls = 'tls-failed';
    case Broken = 'connection-broken';

    /** Say what happened and what to do. */
    public function sentence(): string
    {
        return match ($this) {
            self::HostNotFound => 'the host was not found. Check the base URL and the name server',
            self::Refused => 'the connection failed. Check the base URL and its port, and whether the platform runs',
            self::TimedOut => 'there was no answer in time. Is a firewall between? Else allow a longer timeoutS',
            self::Tls => 'TLS failed. Check the certificate, and whether the port speaks https',
            self::Broken => 'the connection broke before the answer was complete. Try again',
        };
    }

    /** A name, a certificate and a slow server are the same a moment later; a server that starts anew is not. */
    public function mayPassSoon(): bool
    {
        return $this === self::Refused || $this === self::Broken;
    }
}
