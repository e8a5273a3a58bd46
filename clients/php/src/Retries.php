<?php

declare(strict_types=1);

namespace Offhook;

use Offhook\Errors\WrongArgument;

/** How often a request is sent again, and how long is waited for it in all. */
final readonly class Retries
{
    private const FIRST_PAUSE_S = 0.25;

    /** @var \Closure(float): void */
    private \Closure $sleep;

    /**
     * @param int $maxTries the first one counts: 1 means that nothing is sent again
     * @param float $maxWaitS over all pauses of one request; a longer `Retry-After` is not waited for
     * @param (\Closure(float): void)|null $sleep waits for so many seconds
     */
    public function __construct(public int $maxTries = 3, public float $maxWaitS = 30.0, ?\Closure $sleep = null)
    {
        if ($maxTries < 1 || !is_finite($maxWaitS) || $maxWaitS < 0) {
            throw new WrongArgument('Retries need at least one try, and a waiting time of 0 seconds or more.');
        }
        $this->sleep = $sleep ?? static fn (float $seconds) => usleep((int) ceil($seconds * 1_000_000));
    }

    /**
     * Return how long to wait before the next try, or null if there is none.
     *
     * Without a wish of the server the pause doubles each time, and chance makes it up to twice as long, so that
     * many clients do not come back at once.
     */
    public function pauseS(int $tries, float $waitedS, ?float $wishedS): ?float
    {
        if ($tries >= $this->maxTries) {
            return null;
        }
        $pauseS = $wishedS ?? self::FIRST_PAUSE_S * 2 ** ($tries - 1) * (1 + random_int(0, 1000) / 1000);
        return $waitedS + $pauseS <= $this->maxWaitS ? $pauseS : null;
    }

    public function sleep(float $seconds): void
    {
        ($this->sleep)($seconds);
    }
}
