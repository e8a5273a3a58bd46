<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** An action that the language cannot say. `problem` is the code that the platform has for it, such as `bad-number`. */
final class WrongScript extends OffhookError
{
    public function __construct(public readonly string $problem, string $sentence)
    {
        parent::__construct("$problem: $sentence");
    }
}
