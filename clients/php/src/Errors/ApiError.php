<?php

declare(strict_types=1);

namespace Offhook\Errors;

/**
 * The API refused a request. `getCode()` is the HTTP status.
 *
 * A status without a class of its own (413, 415, 500 ...) is an ApiError itself.
 */
class ApiError extends OffhookError
{
    /**
     * @param string|null $apiCode the stable code, such as `number-taken`; null when fields are wrong
     * @param string $detail what happened and what to do, for people
     * @param array<string, list<string>> $fields what is wrong with each field; empty unless the status is 400
     * @param string|null $help where the code is explained
     * @param float|null $retryAfterS after how many seconds to ask again, if the API said so
     */
    final public function __construct(
        string $message,
        public readonly int $status,
        public readonly ?string $apiCode,
        public readonly string $detail,
        public readonly array $fields = [],
        public readonly ?string $help = null,
        public readonly ?float $retryAfterS = null,
    ) {
        parent::__construct($message, $status);
    }
}
