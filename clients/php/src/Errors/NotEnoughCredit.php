<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** 402: the account cannot pay this. */
final class NotEnoughCredit extends ApiError
{
}
