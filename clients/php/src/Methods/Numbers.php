<?php

declare(strict_types=1);

namespace Offhook\Methods;

use Offhook\Http\BaseUrl;
use Offhook\Http\Query;

/** Numbers that are free, and those that are kept for a while. */
trait Numbers
{
    /**
     * Search the free numbers: `getDinList(country: 'JP', prefix: '8150', maxMonthlyCost: 700)`.
     *
     * Filters: country, prefix, contains, maxMonthlyCost, maxMinuteCost, features; limit is the size of a page.
     *
     * @return \Generator<int, array<string, mixed>>
     */
    public function getDinList(string|int|float|bool|array|null ...$filters): \Generator
    {
        return $this->api->pages('/voice/dins/', Query::of($filters));
    }

    /**
     * Keep a number for 30 minutes, free of charge.
     *
     * @return array<string, mixed>
     */
    public function reserveDin(string $dinUid, ?string $idempotencyKey = null): array
    {
        return $this->api->post('/voice/dins/reservations/', ['din_uid' => $dinUid], $idempotencyKey);
    }

    /** @return list<array<string, mixed>> */
    public function getReservationList(): array
    {
        return $this->api->list('/voice/dins/reservations/');
    }

    /** @return array<string, mixed> */
    public function releaseDin(string $dinUid): array
    {
        return $this->api->delete(BaseUrl::path('/voice/dins/reservations/%s/', $dinUid));
    }
}
