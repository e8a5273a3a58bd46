<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** 429: requests come faster than allowed; `retryAfterS` says when to come back. */
final class Throttled extends ApiError
{
}
