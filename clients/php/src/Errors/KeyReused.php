<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** 422: the idempotency key was used for another request. */
final class KeyReused extends ApiError
{
}
