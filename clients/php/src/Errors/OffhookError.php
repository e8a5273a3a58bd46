<?php

declare(strict_types=1);

namespace Offhook\Errors;

/**
 * Everything that this package raises.
 *
 *     OffhookError
 *     ├── ApiError             the API refused: BadRequest, Unauthorized, NotEnoughCredit, Forbidden, NotFound,
 *     │                        Conflict, Gone, KeyReused, Throttled, Unavailable
 *     ├── NetworkError         no answer came: host, connection, time, TLS
 *     ├── UnexpectedAnswer     something answered that does not speak as the API does
 *     ├── WrongArgument        you gave something that is never sent
 *     ├── WrongScript          an action that the language cannot say
 *     └── SignatureRefused     a request or an event that is not vouched for
 */
abstract class OffhookError extends \RuntimeException
{
}
