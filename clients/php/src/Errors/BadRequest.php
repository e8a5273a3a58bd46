<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** 400: fields are wrong (`fields` names each), or the body cannot be read. */
final class BadRequest extends ApiError
{
}
