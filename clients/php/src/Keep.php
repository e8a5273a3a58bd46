<?php

declare(strict_types=1);

namespace Offhook;

/** Stands for a value that stays as it is, where null takes it away. */
enum Keep
{
    case AsItIs;
}
