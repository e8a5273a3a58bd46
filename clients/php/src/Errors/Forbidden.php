<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** 403: this account may not do it, for example subscribe before its identity was checked. */
final class Forbidden extends ApiError
{
}
