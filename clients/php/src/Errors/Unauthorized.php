<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** 401: the SID or the auth token is wrong, or the address is not one that this API user may ask from. */
final class Unauthorized extends ApiError
{
}
