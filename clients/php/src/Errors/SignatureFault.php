<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** Why a signature does not vouch for what came. */
enum SignatureFault: string
{
    case Missing = 'missing';
    case Malformed = 'malformed';
    case Time = 'time';
    case Parameters = 'parameters';
    case NoSecret = 'no-secret';
    case Digest = 'digest';

    /** Say what is wrong and what to do. */
    public function sentence(): string
    {
        return match ($this) {
            self::Missing => 'There is no Offhook-Signature. Has the account a secret? Does a proxy drop the header?',
            self::Malformed => 'Offhook-Signature is not of the form t=...,n=...,v1=....',
            self::Time => 'The signature is too old, or of the future. Is the clock of this machine right?',
            self::Parameters => 'The signature lists a parameter that is not there exactly once, or lacks one.',
            self::NoSecret => 'There is no secret to check the signature with. Give the one that the platform showed.',
            self::Digest => 'No secret of ours made this signature for these values.',
        };
    }
}
