<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** An argument that no request can be made of; nothing was sent. */
final class WrongArgument extends OffhookError
{
}
