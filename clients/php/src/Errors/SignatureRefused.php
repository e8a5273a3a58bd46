<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** A request or an event that is not vouched for: do not act on it. */
final class SignatureRefused extends OffhookError
{
    public function __construct(public readonly SignatureFault $fault)
    {
        parent::__construct($fault->sentence());
    }
}
