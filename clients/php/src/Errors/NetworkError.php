<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** No answer came. Whether a POST was done is not known: send it again with the same idempotency key. */
final class NetworkError extends OffhookError
{
    /**
     * @param string $where method and URL of the request
     * @param string $cause the system's own words
     */
    public function __construct(
        public readonly NetworkFault $fault,
        public readonly string $where,
        public readonly string $cause = '',
    ) {
        parent::__construct("$where: {$fault->sentence()}" . ($cause === '' ? '.' : " ($cause)."));
    }
}
