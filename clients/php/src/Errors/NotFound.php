<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** 404: it does not exist, or not for this account. */
final class NotFound extends ApiError
{
}
