<?php

declare(strict_types=1);

namespace Offhook\Http;

use Offhook\Errors\WrongArgument;

/** Filters as the API reads them. Names may be written as here (`maxMonthlyCost`) or as there (`max_monthly_cost`). */
final class Query
{
    public const MOMENT = 'Y-m-d\TH:i:s.u\Z';
    public const DAY = 'Y-m-d';

    /**
     * Write filters as a query without `?`; what is null is left out.
     *
     * @param array<array-key, mixed> $filters
     */
    public static function of(array $filters, string $time = self::MOMENT): string
    {
        $pairs = [];
        foreach ($filters as $name => $value) {
            if (is_int($name)) {
                throw new WrongArgument("Filters have names: write getCallList(status: 'completed').");
            }
            if ($value !== null) {
                $name = strtolower((string) preg_replace('/(?<!^)[A-Z]/', '_$0', $name));
                $pairs[] = rawurlencode($name) . '=' . rawurlencode(self::word($name, $value, $time));
            }
        }
        return implode('&', $pairs);
    }

    private static function word(string $name, mixed $value, string $time): string
    {
        return match (true) {
            is_string($value) => $value,
            is_int($value) => (string) $value,
            is_bool($value) => $value ? 'true' : 'false',
            // Never with an exponent.
            is_float($value) && is_finite($value) => rtrim(rtrim(sprintf('%.6F', $value), '0'), '.'),
            $value instanceof \DateTimeInterface => \DateTimeImmutable::createFromInterface($value)
                ->setTimezone(new \DateTimeZone('UTC'))
                ->format($time),
            is_array($value) => implode(',', array_map(
                static fn (mixed $one): string => is_array($one)
                    ? throw new WrongArgument("The filter $name is a list of lists.")
                    : self::word($name, $one, $time),
                $value,
            )),
            default => throw new WrongArgument("The filter $name cannot be a " . get_debug_type($value) . '.'),
        };
    }
}
