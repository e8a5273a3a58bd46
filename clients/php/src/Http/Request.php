<?php

declare(strict_types=1);

namespace Offhook\Http;

/** One request. Its credentials become a header only when it is sent. */
final readonly class Request
{
    /**
     * @param array<string, string> $headers
     * @param list<string> $keys what the document that is asked for always has, or each entry of the list
     */
    public function __construct(
        public string $method,
        public string $url,
        public Credentials $credentials,
        public array $headers,
        public ?string $body,
        public float $timeoutS,
        public int $mostBytes,
        public array $keys = [],
    ) {
    }

    /** Say in an error what was asked, without its query: that may hold people's numbers. */
    public function where(): string
    {
        return $this->method . ' ' . strtok($this->url, '?');
    }

    /** @return list<string> */
    public function headerLines(): array
    {
        $lines = ['Authorization: ' . $this->credentials->basic()];
        foreach ($this->headers as $name => $value) {
            $lines[] = "$name: $value";
        }
        return $lines;
    }
}
