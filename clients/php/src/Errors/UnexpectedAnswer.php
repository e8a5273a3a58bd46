<?php

declare(strict_types=1);

namespace Offhook\Errors;

/** Something answered, but not as the API does: a page, a proxy, another host. */
final class UnexpectedAnswer extends OffhookError
{
    /**
     * @param string $where method and URL of the request
     * @param int $status HTTP status, 0 if it was no HTTP
     */
    public function __construct(
        public readonly string $where,
        public readonly int $status,
        public readonly string $contentType,
        string $what,
    ) {
        $statusSaid = $status === 0 ? '' : " with status $status";
        $end = str_ends_with($what, '?') ? '' : '.';
        parent::__construct("$where was answered$statusSaid, but $what$end", $status);
    }
}
