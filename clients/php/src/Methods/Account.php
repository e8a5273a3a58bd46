<?php

declare(strict_types=1);

namespace Offhook\Methods;

use Offhook\Http\Query;

/** The account: its credit, what it was charged for, and how its requests are signed. */
trait Account
{
    /** @return array<string, mixed> */
    public function getAccount(): array
    {
        return $this->api->get('/account/');
    }

    /**
     * List what moved the credit, the newest first. Filters: since, until; limit is the size of a page.
     *
     * @return \Generator<int, array<string, mixed>>
     */
    public function getLedger(string|int|\DateTimeInterface|null ...$filters): \Generator
    {
        return $this->api->pages('/account/ledger/', Query::of($filters));
    }

    /**
     * List what each number was used for, day by day (UTC). Filters: since, until (days); limit is the size of a page.
     *
     * @return \Generator<int, array<string, mixed>>
     */
    public function getUsage(string|int|\DateTimeInterface|null ...$filters): \Generator
    {
        return $this->api->pages('/account/usage/', Query::of($filters, Query::DAY));
    }

    /**
     * List the action servers that are left alone now, because they failed again and again.
     *
     * @return list<array<string, mixed>>
     */
    public function getBreakers(): array
    {
        return $this->api->list('/account/breakers/');
    }

    /** @return array<string, mixed> */
    public function getSigning(): array
    {
        return $this->api->get('/account/signing/');
    }

    /**
     * Set all origins that are signed besides those of the account's own URLs.
     *
     * @param list<string> $signOrigins
     * @return array<string, mixed>
     */
    public function setSigning(array $signOrigins, ?string $idempotencyKey = null): array
    {
        return $this->api->post('/account/signing/', ['sign_origins' => implode(' ', $signOrigins)], $idempotencyKey);
    }

    /**
     * Make a new secret; it is in this answer and never shown again.
     *
     * @param bool $dropOld whether the secret before ends at once, and not after 24 hours
     * @return array<string, mixed>
     */
    public function rotateSigningSecret(bool $dropOld = false, ?string $idempotencyKey = null): array
    {
        $fields = ['old_secret' => $dropOld ? 'drop' : 'keep'];
        return $this->api->post('/account/signing/secret/', $fields, $idempotencyKey);
    }

    /** @return array<string, mixed> */
    public function removeSigningSecret(): array
    {
        return $this->api->delete('/account/signing/secret/');
    }
}
