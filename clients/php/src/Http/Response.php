<?php

declare(strict_types=1);

namespace Offhook\Http;

/** What came back, whatever it is. */
final readonly class Response
{
    /** @param array<string, string> $headers by name in lower case */
    private function __construct(public int $status, public array $headers, public string $body)
    {
    }

    /**
     * Read the lines before a body. An interim answer (100 to 199) may stand before the one that counts.
     *
     * @param list<string> $lines
     */
    public static function of(array $lines, string $body): self
    {
        $status = 0;
        $headers = [];
        foreach ($lines as $line) {
            if (preg_match('~^HTTP/[0-9.]+ ([0-9]{3})~', $line, $match) === 1) {
                $status = (int) $match[1];
                $headers = [];
                continue;
            }
            [$name, $value] = [...explode(':', $line, 2), ''];
            $name = strtolower(trim($name));
            $headers[$name] = isset($headers[$name]) ? "$headers[$name], " . trim($value) : trim($value);
        }
        return new self($status, $headers, $body);
    }

    public function with(string $body): self
    {
        return new self($this->status, $this->headers, $body);
    }

    public function header(string $name): string
    {
        return $this->headers[$name] ?? '';
    }

    public function isSuccess(): bool
    {
        return in_array($this->status, [200, 201, 202], true);
    }
}
