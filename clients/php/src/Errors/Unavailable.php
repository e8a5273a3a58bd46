<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** 503: the platform cannot serve it for the moment; a POST with the same idempotency key is done once. */
final class Unavailable extends ApiError
{
}
