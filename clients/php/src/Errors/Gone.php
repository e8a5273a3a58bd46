<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** 410: it was there and is gone for ever. */
final class Gone extends ApiError
{
}
