<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** 409: it is taken, over, or still in progress; `apiCode` says which. */
final class Conflict extends ApiError
{
}
